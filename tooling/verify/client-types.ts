import { execFile } from 'node:child_process'
import path from 'node:path'

import type { Check } from './check.ts'
import { REPOSITORY } from './repository.ts'

const SERVER_CODE = /^(?:packages\/(?:api\/src|services|db|testkit)|apps)\//

/**
 * The client is type-checked without Node's types and without the server's code: it sees only the declarations of the
 * router. So an app that uses it needs neither.
 */
export const clientTypesCheck: Check = {
  name: 'client types',
  run: () =>
    new Promise((resolve) => {
      const tsc = path.join(REPOSITORY, 'node_modules/typescript/bin/tsc')
      const args = [tsc, '-p', 'packages/client/tsconfig.portable.json', '--listFilesOnly']
      execFile(process.execPath, args, { cwd: REPOSITORY, maxBuffer: 16 * 1024 * 1024 }, (error, stdout) => {
        const files = stdout.split('\n').map((file) => path.relative(REPOSITORY, file))
        const router = files.some((file) => file.startsWith('packages/api/dist-types/'))
        const findings = files
          .filter((file) => SERVER_CODE.test(file) || file.includes('/@types/node/'))
          .map((file) => `the type check of packages/client reads ${file}`)
        if (error !== null) findings.push(error.message)
        else if (!router) findings.push('the type check of packages/client does not read the router type')
        resolve(findings)
      })
    }),
}
