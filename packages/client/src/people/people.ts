export { personSession } from './person-session.ts'
export { type AuthApi, connectAuth } from './auth-api.ts'
