/** Whether anybody answers. The seconds are not spoken aloud: that there is no connection is. */
import type { AnyLink } from '../link';

export function ContactLine({ link }: { readonly link: AnyLink }) {
  const contact = link.contact.value;
  const words = link.words.value;
  if (contact.kind === 'opening') return <p class="contact soft">{words.opening}</p>;
  if (contact.kind !== 'lost') return null;
  const time = words.seconds(contact.seconds.toLocaleString(words.locale));
  const says = contact.answers ? words.unsaid : link.state.value === null ? words.lostAtFirst : words.lost;
  return <p class="contact lost">{says(time)}</p>;
}
