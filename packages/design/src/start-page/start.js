// Starts an app from its page: loads the files that the page names, and shows an error when that fails. During a
// deployment the page may be served by one server and its files requested from another, which has those of another
// build. So each file is requested again, then the page is reloaded once, then an explanation is shown. Written for
// old browsers, without a build step, and under a name that stays the same in every build.
;(() => {
  'use strict'
  /** Milliseconds before each attempt: short, since servers behind a load balancer alternate. */
  const PAUSES = [0, 50, 100, 200, 400, 800]
  const RELOADED = 'fieldsync-page-reloaded'
  const RELOAD_AGAIN_MS = 60000
  const TEXTS = {
    en: {
      title: 'Fieldsync could not be loaded',
      text: 'A new version is probably being installed on the server. Nothing on this device has been lost. Wait a moment, then reload the page.',
      action: 'Reload',
    },
    es: {
      title: 'No se pudo cargar Fieldsync',
      text: 'Es probable que se esté instalando una versión nueva en el servidor. No se perdió nada en este dispositivo. Espere un momento y recargue la página.',
      action: 'Recargar',
    },
  }
  const { dataset } = document.currentScript
  const files = (name) => (dataset[name] || '').split(' ').filter((file) => file !== '')
  const root = () => document.querySelector('#root')
  const isStarted = () => root() !== null && root().querySelector('.starting') === null

  /** Leaves the file in the browser's cache, from which the page loads it. */
  const load = async (file) => {
    let failure
    for (const pause of PAUSES) {
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause))
      try {
        const answer = await fetch(file, { cache: failure === undefined ? 'default' : 'reload' })
        const body = await answer.blob()
        // Some servers answer with their first page for a missing file.
        if (answer.ok && !/html|json/.test(body.type)) return
        failure = new Error(`${file} answered ${answer.status}`)
      } catch (error) {
        failure = error
      }
    }
    throw failure
  }

  const added = (element, into) =>
    new Promise((resolve, reject) => {
      element.addEventListener('load', resolve)
      element.addEventListener('error', () =>
        reject(new Error(`${element.src || element.href} does not load`)),
      )
      into.append(element)
    })
  const style = (href) =>
    added(Object.assign(document.createElement('link'), { rel: 'stylesheet', href }), document.head)
  const script = (src) => {
    const element = Object.assign(document.createElement('script'), { src })
    if (dataset.type === 'module') {
      element.type = 'module'
      element.crossOrigin = 'anonymous'
    }
    return added(element, document.body)
  }

  const explain = () => {
    const language = /^es\b/.test(navigator.language) ? 'es' : 'en'
    const { title, text, action } = TEXTS[language]
    const part = (name, content) => Object.assign(document.createElement(name), { textContent: content })
    const button = part('button', action)
    button.addEventListener('click', () => location.reload())
    const box = part('main', '')
    box.className = 'starting failed'
    box.setAttribute('role', 'alert')
    box.append(part('h1', title), part('p', text), button)
    document.documentElement.lang = language
    root().replaceChildren(box)
  }
  const fail = () => {
    try {
      const before = Number(sessionStorage.getItem(RELOADED))
      if (Date.now() - before > RELOAD_AGAIN_MS) {
        sessionStorage.setItem(RELOADED, String(Date.now()))
        location.reload()
        return
      }
    } catch {
      // Without storage it is unknown whether the page was reloaded before.
    }
    explain()
  }
  // An app that fails before it shows anything would leave the page unchanged.
  addEventListener('error', ({ error }) => error && !isStarted() && explain())

  const start = async () => {
    const [entry] = files('script')
    await Promise.all([entry, ...files('styles'), ...files('files')].map(load))
    await Promise.all(files('styles').map(style))
    await script(entry)
  }
  const ready = () => {
    const started = start()
    // Files that the app loads later; it waits for this, and detects missing ones itself.
    globalThis.fieldsyncLater = started.then(() => Promise.allSettled(files('later').map(load)))
    globalThis.fieldsyncLater.catch(() => undefined)
    started.catch(fail)
  }
  if (document.readyState === 'loading') addEventListener('DOMContentLoaded', ready)
  else ready()
})()
