"use strict";
// Loaded into a program before Pulumi's runner, to leave out what a plan has no use for.
const { createRequire } = require("node:module");
const { join } = require("node:path");

const requireFromProgram = createRequire(join(process.cwd(), "index.js"));
const nothing = () => Promise.resolve();

// The SDK reads its settings from the environment when it is loaded.
requireFromProgram("@pulumi/pulumi");
// It sends each debug message to the engine, one after the other, which takes as long as the graph.
requireFromProgram("@pulumi/pulumi/log").debug = nothing;
// The runner debugs its own process from the start, in case a function must be serialized into a
// resource; the session is opened when that happens, too, and makes all else slower.
requireFromProgram("@pulumi/pulumi/runtime/closure/v8Hooks").isInitializedAsync = nothing;
