import path from "node:path";
import { run } from "./command";
import { SCRIPTS } from "./run-context";

/** A machine's disk in memory: a layer of its own above the machines' common base, or a file system with a copy of it. */
export class Disk {
  constructor(
    private readonly folder: string,
    private readonly base: string,
    /** As tmpfs takes it. */
    private readonly size: string,
    private readonly kind: "layer" | "file system" = "layer",
  ) {}

  /** Where the tests' side sees the file system. */
  get root(): string {
    return path.join(this.folder, "root");
  }

  async create(): Promise<void> {
    await this.script(this.kind === "layer" ? "create" : "image", this.base, this.size);
  }

  async remove(): Promise<void> {
    await this.script("remove");
  }

  /** Fills the disk, which is a layer, but for so many KiB. */
  async fill(freeKib = 0): Promise<void> {
    await this.script("leave", String(freeKib));
  }

  /** Undoes `fill`. */
  async empty(): Promise<void> {
    await this.script("resize", this.size);
  }

  private async script(verb: string, ...args: string[]): Promise<void> {
    await run(path.join(SCRIPTS, "disk.sh"), [verb, this.folder, ...args]);
  }
}
