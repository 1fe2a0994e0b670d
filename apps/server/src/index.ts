export { createApp, type AppOptions } from './http/app.ts'
