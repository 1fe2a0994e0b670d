import path from 'node:path'
import { parseArgs } from 'node:util'

import { packPackages } from './pack-packages.ts'
import { REPOSITORY } from './published-packages.ts'

const HELP = `npm run packages [-- --check [<test> ...]]

Builds contracts, domain, sync-engine and client, and writes their tarballs to .data/packages.

  --check   uses them in new projects outside this workspace: for Node, for Vite, and a client that is generated from
            the OpenAPI document. Needs the npm registry and Chromium. A test is named by a part of its path, as \`vite\`.

The project for Expo takes longer: npm run soak -- tooling/packages`

const { values } = parseArgs({ options: { help: { type: 'boolean', default: false } } })
if (values.help) console.log(HELP)
else {
  for (const [name, tarball] of Object.entries(await packPackages()))
    console.log(`${name} ${path.relative(REPOSITORY, tarball)}`)
}
