/** As `nest build` emits it: decorators are calls. */
import "reflect-metadata";
import { Readable } from "node:stream";
import {
  Controller,
  Get,
  Module,
  Post,
  StreamableFile,
  UploadedFile,
  UseInterceptors,
} from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { FileInterceptor } from "@nestjs/platform-express";
import { WsAdapter } from "@nestjs/platform-ws";
import {
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
} from "@nestjs/websockets";
import { parts, slowly } from "../parts.mjs";

class AppController {
  hello() {
    return "hello";
  }

  stream() {
    return new StreamableFile(Readable.from(parts(), { objectMode: false }));
  }

  upload(file) {
    return String(file.size);
  }

  slow() {
    return slowly();
  }
}
decorate(AppController, "hello", Get());
decorate(AppController, "stream", Get("stream"));
decorate(
  AppController,
  "upload",
  Post("upload"),
  UseInterceptors(FileInterceptor("file")),
);
UploadedFile()(AppController.prototype, "upload", 0);
decorate(AppController, "slow", Get("slow"));
Controller()(AppController);

class EventsGateway {
  echo(data) {
    return { event: "echo", data };
  }
}
decorate(EventsGateway, "echo", SubscribeMessage("echo"));
MessageBody()(EventsGateway.prototype, "echo", 0);
WebSocketGateway({ path: "/ws" })(EventsGateway);

class AppModule {}
Module({ controllers: [AppController], providers: [EventsGateway] })(AppModule);

function decorate({ prototype }, name, ...decorators) {
  for (const decorator of decorators) {
    decorator(
      prototype,
      name,
      Object.getOwnPropertyDescriptor(prototype, name),
    );
  }
}

async function bootstrap() {
  const app = await NestFactory.create(AppModule, { logger: ["error"] });
  app.useWebSocketAdapter(new WsAdapter(app));
  // Deno refuses SIGILL, which is among them.
  if (!("Deno" in globalThis)) app.enableShutdownHooks();
  await app.listen(process.env.PORT ?? 3000);
}
bootstrap();
