"use strict";
// V8 optimizes a function once it has run for as long as this many bytes of its code. Node's own figure, 66 KB, is
// meant for what runs for minutes: in a process of two seconds a quarter of the CPU goes into code that is then hardly
// used. What runs long still gets all of it optimized, a little later.
require("node:v8").setFlagsFromString("--interrupt-budget=300000");
