#!/usr/bin/env node
"use strict";
require("./register.cjs");
require("./cli.ts");
