/** Where the certificate of a name is. */
export interface NamedCertificate {
  /** In lower case, with `*.` in front for all names below it. */
  readonly name: string;
  readonly certfile: string;
  /** Undefined where the key is in the certificate's file. */
  readonly keyfile: string | undefined;
}
