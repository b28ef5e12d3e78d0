/** The language of the page. Texts stand beside what shows them: `const text = defineText({ … })`, then `useText(text)`. */
import { signal } from '@preact/signals'

export const languages = ['en', 'zh'] as const
export type Language = (typeof languages)[number]

/** For `lang` attributes and Intl. */
export const locales: Record<Language, string> = { en: 'en-GB', zh: 'zh-CN' }

const storageKey = 'tallystick.language'

function initial(): Language {
  const kept = localStorage.getItem(storageKey)
  if (kept === 'en' || kept === 'zh') return kept
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en'
}

export const language = signal<Language>(initial())

export function setLanguage(next: Language): void {
  language.value = next
  localStorage.setItem(storageKey, next)
  document.documentElement.lang = locales[next]
}
document.documentElement.lang = locales[language.value]

/** A phrase, or one made of values. Both languages take the same values. */
type Phrase = string | ((...values: never[]) => string)
type Table = Record<string, { en: Phrase; zh: Phrase }>
type Phrases<T extends Table> = { readonly [K in keyof T]: T[K]['en'] extends string ? string : T[K]['en'] }

/** Both languages side by side, so that neither is forgotten. */
export function defineText<const T extends Table>(table: T): () => Phrases<T> {
  const pick = (one: Language) =>
    Object.fromEntries(Object.entries(table).map(([key, phrase]) => [key, phrase[one]])) as Phrases<T>
  const phrases = { en: pick('en'), zh: pick('zh') }
  return () => phrases[language.value]
}

/** The phrases in the language of now; whoever renders with them renders again when it changes. */
export function useText<T>(text: () => T): T {
  return text()
}
