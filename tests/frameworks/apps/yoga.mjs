import { createSchema, createYoga } from "graphql-yoga";
import { parts, slowly } from "./parts.mjs";

export const yoga = createYoga({
  schema: createSchema({
    typeDefs: /* GraphQL */ `
      scalar File
      type Query { hello: String, slow: String }
      type Mutation { upload(file: File!): Int }
      type Subscription { parts: String }
    `,
    resolvers: {
      Query: { hello: () => "hello", slow: () => slowly() },
      Mutation: { upload: (_, { file }) => file.size },
      Subscription: {
        parts: { subscribe: () => parts(), resolve: (part) => part },
      },
    },
  }),
});
