import { z } from "zod";
import { dnsLabel, nodePort, resources } from "../../shared/scalars";
import { readScript } from "../../remote/step";
import type { App, AppPlan, AppSite } from "../frame/app";
import { deployMinecraft, MINECRAFT_PORT } from "./release";
import { renderInternetEgress, renderPortPolicy } from "../frame/policies";
import { ownBackups, ownVolume } from "../frame/own-volume";
import { countOf, userId, volumeKeys } from "../frame/schema";

const MOTD = "a message of 1 to 59 characters";
const EULA = "true, once you have read https://aka.ms/MinecraftEULA and accept it";

/** Minecraft (Java edition). */
const minecraftSchema = z
  .strictObject({
    machine: dnsLabel.describe("The machine that runs it"),
    eula: z
      .literal(true, EULA)
      .describe("Whether you accept Minecraft's end user licence agreement"),
    nodePort: nodePort.prefault(30_565).describe("Where players connect"),
    world: z
      .strictObject({
        ...volumeKeys("/var/lib/minecraft", "20Gi"),
      })
      .prefault({})
      .describe("Worlds and settings; kept when Minecraft is removed"),
    version: z
      .string("a version such as 1.21.11 (quoted in YAML)")
      .regex(/^\d+(\.\d+){1,2}$/, "a version such as 1.21.11 (quoted in YAML)")
      .prefault("1.21.11")
      .describe("Version of the game. A world cannot go back to an earlier version"),
    type: z
      .enum(["VANILLA", "PAPER", "FABRIC", "PURPUR"])
      .prefault("VANILLA")
      .describe("Kind of server"),
    motd: z
      .string()
      .min(1, MOTD)
      .max(59, MOTD)
      .prefault("VMStation")
      .describe("Shown in the list of servers"),
    difficulty: z
      .enum(["peaceful", "easy", "normal", "hard"])
      .prefault("normal")
      .describe("How hard survival is"),
    gameMode: z
      .enum(["survival", "creative", "adventure", "spectator"])
      .prefault("survival")
      .describe("What new players do"),
    maxPlayers: countOf("players", 1, 100).prefault(10).describe("Players at a time"),
    whitelist: playerNames("Players who may join (default: everybody)"),
    operators: playerNames("Players who may use commands"),
    uid: userId.prefault(1000).describe("User and group that it runs as"),
    resources: resources({
      requests: { cpu: "1", memory: "2Gi" },
      limits: { cpu: "4", memory: "4Gi" },
    }).describe("CPU and memory; three quarters of the memory limit are the heap"),
  })
  .describe("Minecraft, Java edition");

export type MinecraftConfig = z.infer<typeof minecraftSchema>;

function playerNames(description: string) {
  const name = z.string().regex(/^\w{3,16}$/, "a player's name: 3 to 16 letters, digits or _");
  return z.array(name).prefault([]).describe(description);
}

export const minecraft: App<typeof minecraftSchema> = {
  schema: minecraftSchema,
  plan: planMinecraft,
  versions: ({ version }) => ({ version }),
};

function planMinecraft(config: MinecraftConfig, site: AppSite): AppPlan {
  return {
    name: "minecraft",
    title: "Minecraft",
    machine: config.machine,
    podSecurity: "restricted",
    resources: config.resources,
    ports: [
      {
        name: "minecraft",
        port: MINECRAFT_PORT,
        nodePort: config.nodePort,
        path: "apps.minecraft.nodePort",
        speaks: "client-first",
      },
    ],
    volumes: [ownVolume("world", "apps.minecraft.world", config.world, config.uid)],
    policies: [
      renderPortPolicy("minecraft", [MINECRAFT_PORT], site),
      // The server's own download, and the accounts of those who join.
      renderInternetEgress("minecraft", [443], site),
    ],
    secrets: [],
    idle: {
      port: MINECRAFT_PORT,
      probe: { program: readScript(__dirname, "files/probe.py") },
    },
    workload: { kind: "Deployment", name: "minecraft" },
    service: "minecraft",
    backups: ownBackups(config.world),
    deploy: (frame) => {
      deployMinecraft(config, frame);
    },
  };
}
