import { readFileSync } from 'node:fs'

import { Playbook } from '@fieldsync/contracts'

const FILE = new URL('../../../../prisma/starter/starter-playbook.json', import.meta.url)

/** The playbook that every new workspace begins with (RUN-6). */
export const starterPlaybook = (): Playbook => Playbook.parse(JSON.parse(readFileSync(FILE, 'utf8')))
