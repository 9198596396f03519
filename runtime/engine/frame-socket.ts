import { createConnection, type Socket } from "node:net";
import { createFrameReader, type Frame } from "./frames.ts";

/** Connects to an engine's socket. */
export function openSocket(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
}

/** Reads frames and returns the last one, or undefined if the connection was cut before it. */
export function readToLast(socket: Socket, onFrame: (frame: Frame) => void): Promise<Frame | undefined> {
  return new Promise((resolve, reject) => {
    let last: Frame | undefined;
    const reader = createFrameReader((frame) => {
      if (frame.kind === "end" || frame.kind === "error") last = frame;
      else onFrame(frame);
    });
    socket.on("data", (chunk: Uint8Array) => {
      try {
        reader.push(chunk);
      } catch (error) {
        reject(error);
      }
      if (last !== undefined) resolve(last);
    });
    socket.on("error", () => resolve(last));
    socket.on("close", () => resolve(last));
  });
}
