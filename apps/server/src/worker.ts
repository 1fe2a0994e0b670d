// One of the processes that answer the requests of a server with WORKERS above 1. Its main process starts it, and ends it.

// Signals are for the main process, also where a terminal or a service manager sends them to all: it says when to drain. This
// comes before everything else is loaded.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined)

const { openWorker } = await import('./lifecycle/request-worker.ts')
await openWorker()
