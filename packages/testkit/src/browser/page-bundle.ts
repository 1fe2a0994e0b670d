import { build } from 'vite'

/** JavaScript for a page. */
export type PageBundle = string

/**
 * Bundles a module with all it imports for a browser, as it is: nothing is made smaller, so that a stack says something.
 * @param entry absolute path of the module
 * @param alias modules to be replaced by others, by absolute path
 */
export async function bundlePage(
  entry: string,
  alias: Readonly<Record<string, string>> = {},
): Promise<PageBundle> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    resolve: { alias: { ...alias } },
    // What libraries ask of Node's environment has one answer in a page.
    define: { 'process.env.NODE_ENV': '"test"' },
    build: {
      write: false,
      minify: false,
      target: 'esnext',
      lib: { entry, formats: ['es'], fileName: 'page' },
    },
  })
  const [output] = Array.isArray(built) ? built : [built]
  if (output === undefined || !('output' in output)) throw new Error(`${entry} gave no bundle`)
  return output.output[0].code
}
