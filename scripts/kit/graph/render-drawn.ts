/** What was drawn. */
export function renderDrawn(file: string, stack: string, resources: number): string {
  return `${file}: ${resources} resources of the stack ${stack}\n`;
}
