import { readFile } from 'node:fs/promises'

const MiB = 1024 * 1024

/** Memory of a process as Linux counts it, in MiB: resident now, and the most since its start. */
export async function processMemory(
  pid: number,
): Promise<{ readonly resident: number; readonly peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const mebibytes = (name: string) =>
    (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024) / MiB
  return { resident: mebibytes('VmRSS'), peak: mebibytes('VmHWM') }
}
