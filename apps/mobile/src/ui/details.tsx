import { space } from '@fieldsync/design'
import { useState } from 'react'
import { View } from 'react-native'

import { useTexts } from '../messages/messages-context.ts'
import { Button } from './button.tsx'
import { Text } from './text.tsx'

/** What a program says of a problem, in its own language, for whoever helps: shown on request (APP-49). */
export function Details({ text }: { readonly text: string }) {
  const { t } = useTexts()
  const [isOpen, setOpen] = useState(false)
  if (text === '') return null
  return (
    <View style={{ gap: space.s, alignItems: 'flex-start' }}>
      <Button label={t(isOpen ? 'details.hide' : 'details')} onPress={() => setOpen(!isOpen)} />
      {isOpen && (
        <Text as="note" soft>
          {text}
        </Text>
      )}
    </View>
  )
}
