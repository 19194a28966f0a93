"use strict";
// Tests that need no machine reach no machine: beyond loopback there may be somebody's real homelab. Everything there is
// out of reach, as on a computer without a network.
const dgram = require("node:dgram");
const net = require("node:net");

const LOOPBACK = /^(?:127\.|localhost$|::1$|0\.0\.0\.0$)/;

/** @param {unknown} host */
const isBeyond = (host) => typeof host === "string" && !LOOPBACK.test(host);

/** @param {unknown} host */
const unreachable = (host) =>
  Object.assign(new Error(`connect EHOSTUNREACH ${String(host)}: npm test reaches loopback only`), {
    code: "EHOSTUNREACH",
  });

const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = new Proxy(connect, {
  apply(target, socket, args) {
    const [first] = Array.isArray(args[0]) ? args[0] : args;
    const host = typeof first === "object" && first !== null ? first.host : args[1];
    if (!isBeyond(host)) return Reflect.apply(target, socket, args);
    /** @type {import("node:net").Socket} */
    const own = socket;
    process.nextTick(() => own.destroy(unreachable(host)));
    return own;
  },
});

const { send } = dgram.Socket.prototype;
dgram.Socket.prototype.send = new Proxy(send, {
  apply(target, socket, args) {
    const host = args.slice(1).find(isBeyond);
    if (host === undefined) return Reflect.apply(target, socket, args);
    /** @type {unknown} */
    const done = args.at(-1);
    if (typeof done !== "function") throw unreachable(host);
    process.nextTick(done, unreachable(host));
  },
});
