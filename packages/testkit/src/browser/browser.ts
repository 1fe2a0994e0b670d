export { bundlePage, type PageBundle, type PageServer, servePage } from './page-server.ts'
export { contrastFindings, pageFindings, pageTroubles } from './page-findings.ts'
export { type BrowserOptions, startBrowser, type Tab, type TestBrowser } from './test-browser.ts'
