export * from '@fieldsync/contracts/testing'
export * from '@fieldsync/db/testing'
export { memorySecrets } from './memory-secrets.ts'
export { type Ended, type NodeProcess, runProgram, startProgram } from './server/node-process.ts'
export { type LiveEvent, type LiveEvents, openLive } from './server/live-events.ts'
export { type ServerOptions, startServer, type TestServer } from './server/start-server.ts'
export {
  acceptedBody,
  type Caller,
  isReplay,
  postBatch,
  pullPage,
  pullPages,
  refusal,
  type RestAnswer,
} from './server/sync-calls.ts'
export { forgedJws } from './server/forged-jws.ts'
export { DeviceKey, type KeyRequest, type ProofOf, type TokenRequest } from './server/device-key.ts'
export { callOperation, TRANSPORTS, type OperationCall } from './server/call-operation.ts'
