// A device on node:sqlite in a process of its own, so that its memory and CPU can be distinguished from the benchmark's: opens an
// empty store, syncs once, and writes what that took as JSON.
import { sqliteDevice } from './device.ts'

const [url = '', deviceId = '', token = '', workspaceId = ''] = process.argv.slice(2)
await using device = await sqliteDevice({ url, client: { deviceId, token, workspaceId } })
const idleMegabytes = process.resourceUsage().maxRSS / 1024
const cpu = process.cpuUsage()
const started = performance.now()
await device.sync()
const { user, system } = process.cpuUsage(cpu)
process.stdout.write(
  JSON.stringify({
    seconds: (performance.now() - started) / 1000,
    deviceCpuSeconds: (user + system) / 1e6,
    idleMegabytes,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
  }),
)
