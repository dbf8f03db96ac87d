import { InvalidParameterError } from '../../api/index.ts';

export function refuseIf(condition: boolean, message: string): void {
  if (condition) throw new InvalidParameterError(message);
}
