"use strict";
// V8 optimizes a function once it has run for as long as this many bytes of its code. Node 20's own figure, 66 KB, is
// meant for what runs for minutes: in a process of two seconds a fifth of the CPU goes into code that is then hardly
// used. What runs long still gets all of it optimized, a little later. Later Nodes don't know the flag and would say so
// on standard error.
const [major] = process.versions.node.split(".");
if (major === "20") require("node:v8").setFlagsFromString("--interrupt-budget=300000");
