import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { processIdentity } from './process-identity.mjs'
import { tools } from './root.mjs'
import { say } from './say.mjs'

/** Runs `work` while no other set-up runs in this checkout; waits for a running one, but not for a dead one. */
export async function withSetupLock(work, folder = tools) {
  mkdirSync(folder, { recursive: true })
  const release = await acquire(path.join(folder, 'setup.lock'))
  process.on('exit', release)
  try {
    return await work()
  } finally {
    release()
    process.removeListener('exit', release)
  }
}

async function acquire(file) {
  const mine = `${process.pid} ${processIdentity(process.pid)}`
  for (let waiting = false; ;) {
    if (tryCreate(file, mine)) break
    const holder = read(file)
    if (holder === undefined) continue
    if (!isAlive(holder)) {
      removeDead(file, holder)
      continue
    }
    if (!waiting) say(`waiting for another set-up of this folder (pid ${holder.split(' ')[0]})`)
    waiting = true
    await delay(200)
  }
  return () => {
    if (read(file) === mine) rmSync(file, { force: true })
  }
}

// The file appears under its name with its content, in one step.
function tryCreate(file, content) {
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, content)
  try {
    linkSync(draft, file)
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    return false
  } finally {
    rmSync(draft, { force: true })
  }
}

function isAlive(holder) {
  const [pid, ...identity] = holder.split(' ')
  return processIdentity(Number(pid)) === identity.join(' ')
}

// Between reading and removing, another process may have replaced the dead lock by a live one: check what was moved.
function removeDead(file, dead) {
  const aside = `${file}.dead.${process.pid}`
  try {
    renameSync(file, aside)
  } catch {
    return
  }
  if (read(aside) !== dead) {
    try {
      linkSync(aside, file)
    } catch {
      // A third one was faster; the next round sees it.
    }
  }
  rmSync(aside, { force: true })
}

function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
