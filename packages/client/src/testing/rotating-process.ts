import { env, kill, pid } from 'node:process'

import { deviceKey } from '../device-key/device-key.ts'
import { openFileSigner } from '../signers/file/file-signer.ts'

/**
 * A program that rotates the key in a folder, and kills itself on the way: `before` or `after` the request with a number,
 * whose answer it has then not seen.
 */
const { URL: url = '', FOLDER: folder = '', CLIENT_ID: clientId = '', KILLED: killed = '' } = env
const [when, number] = killed.split(' ')
let requests = 0

const credentials = deviceKey({
  url,
  clientId,
  signer: await openFileSigner({ folder, owner: { url, name: 'device' } }),
  fetch: async (address, init) => {
    requests += 1
    const isHere = requests === Number(number)
    if (isHere && when === 'before') kill(pid, 'SIGKILL')
    const answer = await fetch(address, init)
    if (isHere && when === 'after') kill(pid, 'SIGKILL')
    return answer
  },
})
await credentials.rotate()
