/** The example in a package's README, a program with all that it prints. */
export type ReadmeExample = { readonly program: string; readonly output: string }

const EXAMPLE = /^```ts\n([\s\S]*?)^```\n\n```text\n([\s\S]*?)^```$/m

/** @throws Error when the page has no program that is followed by its output */
export function readmeExample(page: string): ReadmeExample {
  const [, program, output] = EXAMPLE.exec(page) ?? []
  if (program === undefined || output === undefined)
    throw new Error('the README has no example with its output')
  return { program, output }
}
