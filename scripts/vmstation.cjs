#!/usr/bin/env node
"use strict";
// TypeScript is compiled as it is loaded, so there is nothing to build and nothing that can be stale.
require("tsx/cjs");
require("./cli.ts");
