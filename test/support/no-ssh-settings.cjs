"use strict";
// What the person who runs the tests has in ~/.ssh/config is not part of them.
process.env.VMSTATION_SSH_CONFIG ??= "none";
