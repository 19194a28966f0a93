/** The exit codes of every verb. */
export const EXIT = { pass: 0, fail: 1, couldNotRun: 2 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Something that the user can fix: printed as it is, without a stack trace. */
export class UserError extends Error {
  override readonly name = "UserError";

  constructor(
    message: string,
    readonly exitCode: ExitCode = EXIT.couldNotRun,
  ) {
    super(message);
  }
}
