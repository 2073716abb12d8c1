/** How long a process may stand still before others take it for dead. */
const deadAfter: Readonly<Record<string, number>> = { orchestrator: 1500, gateway: 2000 };

export const deadAfterMs = (kind: string): number => deadAfter[kind] ?? 4000;
