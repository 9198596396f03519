/** Name of the file, in a partition's output folder, that holds an output's column. */
export function columnFileName(output: string): string {
  return `${output}.column.arrow`;
}
