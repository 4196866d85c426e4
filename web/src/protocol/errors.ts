/** Every error of ours carries a stable code for machines and a hint for people; the codes are those of the Python side. */
export class HumaError extends Error {
  readonly code: string;
  readonly hint: string;

  constructor(code: string, message: string, hint = '') {
    super(message);
    this.name = 'HumaError';
    this.code = code;
    this.hint = hint;
  }
}

export const malformed = (message: string): HumaError => new HumaError('malformed', message);
export const badSignature = (message: string): HumaError => new HumaError('bad-signature', message);
export const digestMismatch = (message: string): HumaError => new HumaError('digest-mismatch', message);
