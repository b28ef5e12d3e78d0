import { roleWordsOf } from '../../domain/intent/directory.ts'
import type { Role } from '../../domain/participant/roles.ts'
import { language } from '../i18n/language.ts'

/** Roles in words, as in what is signed. */
export function rolesInWords(roles: readonly string[]): string {
  return roleWordsOf(roles as Role[])[language.value]
}
