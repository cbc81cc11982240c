/** Files that corn serves itself. */
export const files = {
  static: {
    section: "Static files",
    type: "folders",
    default: [],
    meaning:
      "Folder of files that are served before the app is asked, below a path where one is given. Repeat for more",
    metavar: "DIR[=/PATH]",
  },
} as const;
