#!/usr/bin/env node
"use strict";
require("./loader/register.cjs");
require("./cli");
