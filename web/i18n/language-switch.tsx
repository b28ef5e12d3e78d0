import { language, setLanguage } from './language.ts'

/** Each language under its own name, so that whoever reads only that one finds it. */
export function LanguageSwitch() {
  const other =
    language.value === 'en' ? ({ code: 'zh', name: '中文' } as const) : ({ code: 'en', name: 'English' } as const)
  return (
    <button type="button" class="quiet" lang={other.code} onClick={() => setLanguage(other.code)}>
      {other.name}
    </button>
  )
}
