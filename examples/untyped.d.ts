// Packages that come without types.
declare module "express";
declare module "koa";
