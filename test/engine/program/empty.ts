/** A program with nothing in it: what the engine and its language host take for themselves. */
export {};
