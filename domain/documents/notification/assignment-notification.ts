/** The notification of an assignment to the debtor, for its systems and for its people. */
import type { AssignmentNotice } from './notice.ts'
import { notificationPdf } from './pdf.ts'
import { notificationXml } from './xml.ts'

export interface AssignmentNotification {
  /** ISO 20022 tsin.008 shape, UTF-8. */
  readonly xml: Uint8Array
  /** A page in Chinese and one in English. */
  readonly pdf: Uint8Array
}

/** Both forms of a notice. Throws `NoticeRefused` when a field is not in its form or too long for the message. */
export async function assignmentNotification(
  notice: AssignmentNotice,
  font: Uint8Array
): Promise<AssignmentNotification> {
  return { xml: notificationXml(notice), pdf: await notificationPdf(notice, font) }
}
