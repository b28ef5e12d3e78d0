import type { ComponentChildren } from 'preact'
import { navigate, path } from './router.ts'

interface LinkProps {
  to: string
  class?: string
  /** Said and shown in place of the content, where that is too little. */
  label?: string
  style?: Record<string, string>
  children: ComponentChildren
}

/** A link inside the console: an ordinary one to the browser (new tab, copy), without reload on a plain click. */
export function Link({ to, label, children, ...rest }: LinkProps) {
  return (
    <a
      href={to}
      {...rest}
      {...(label === undefined ? {} : { 'aria-label': label, title: label })}
      {...(path.value === to ? { 'aria-current': 'page' as const } : {})}
      onClick={(event) => {
        if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
        event.preventDefault()
        navigate(to)
      }}
    >
      {children}
    </a>
  )
}
