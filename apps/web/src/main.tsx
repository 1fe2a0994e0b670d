import 'virtual:theme.css'
import './theme/console.css'
import { MantineProvider, useMantineColorScheme } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode, useLayoutEffect } from 'react'
import { createRoot } from 'react-dom/client'
import { config } from 'zod'

import { MessagesProvider } from './messages/messages.tsx'
import { createQueries } from './server/queries.ts'
import { Gate } from './session/gate.tsx'
import { consoleTheme } from './theme/console-theme.ts'

// The server's policy allows no code made from text.
config({ jitless: true })

const queries = createQueries()

const root = document.querySelector('#root')
if (root === null) throw new Error('the page has no #root')
createRoot(root).render(
  <StrictMode>
    {/* Its variables and classes are in a style sheet: the server's policy allows no other styles. */}
    <MantineProvider
      theme={consoleTheme}
      defaultColorScheme="auto"
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <FollowColors />
      <QueryClientProvider client={queries}>
        <MessagesProvider>
          <Gate />
        </MessagesProvider>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)

/** Tells the design's style sheet which theme was chosen; by itself it follows the platform. */
export function FollowColors() {
  const { colorScheme } = useMantineColorScheme()
  useLayoutEffect(() => {
    const { dataset } = document.documentElement
    if (colorScheme === 'auto') delete dataset['theme']
    else dataset['theme'] = colorScheme
  }, [colorScheme])
  return null
}
