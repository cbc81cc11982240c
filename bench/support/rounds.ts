/** Sides in turn: what a machine does to one round, it does to every side of it. */

/** One figure or more of each side. */
export type Round<Side extends string, Sample> = Readonly<Record<Side, Sample>>;

/** Measures every side in each round, one after the other, in an order that turns by one from round to round. */
export async function takeRounds<Side extends string, Sample>(
  sides: readonly Side[],
  { rounds: count, measure, onRound }: {
    readonly rounds: number;
    measure(side: Side): Promise<Sample>;
    /** Told of each round once it is over; the number counts from one. */
    onRound?(number: number, round: Round<Side, Sample>): void;
  },
): Promise<Round<Side, Sample>[]> {
  const rounds: Round<Side, Sample>[] = [];
  for (let number = 0; number < count; number++) {
    const samples: Partial<Record<Side, Sample>> = {};
    for (let turn = 0; turn < sides.length; turn++) {
      const side = sides[(turn + number) % sides.length] as Side;
      samples[side] = await measure(side);
    }
    const round = samples as Round<Side, Sample>;
    rounds.push(round);
    onRound?.(number + 1, round);
  }
  return rounds;
}
