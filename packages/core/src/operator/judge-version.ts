import type { DataSourceConfig } from '../config/config.js';
import type { AboutDruid } from '../druid/overlord-client.js';
import { majorOf, oldestWithAppends, supportsRealtimeTasks } from '../druid/version.js';
import type { Lane, LaneChoice } from '../lane/choose-lane.js';
import { failure, ok, warning, type Finding } from './finding.js';

/** A dataSource, and how its events get into this Druid. */
export interface LanedDataSource {
  readonly config: DataSourceConfig;
  readonly choice: LaneChoice;
}

/** Whether this Druid can serve the lanes that dataSources are for: a finding for each lane. */
export function judgeVersion(dataSources: readonly LanedDataSource[], about: AboutDruid): Finding[] {
  const judged = dataSources.map(({ config, choice }) =>
    judgeLane(config.properties['tranquility.lane'], choice, about),
  );
  return judged.filter(({ message }, index) => judged.findIndex((each) => each.message === message) === index);
}

function judgeLane(lane: 'auto' | Lane, choice: LaneChoice, { version, readsKafka }: AboutDruid): Finding {
  const druid = version === undefined ? 'This Druid' : `Druid ${version}`;
  if (lane === 'append') return judgeAppend(druid, version);
  if (lane !== 'pull') {
    if (version === undefined) {
      return warning(
        'version',
        'Druid does not tell its version.',
        'Make sure that it is 30 or older, as later ones have no realtime tasks; or set tranquility.lane to pull.',
      );
    }
    if (supportsRealtimeTasks(version)) return ok('version', `Druid ${version} takes realtime tasks.`);
    if (lane === 'realtime') {
      const remedy = 'Set tranquility.lane to auto or pull, so that Druid reads from us; or use Druid 30 or older.';
      return failure('version', `Druid ${version} has no realtime tasks.`, remedy);
    }
  }
  if (choice.lane === 'append') return ok('version', `Events are appended in batches. ${choice.reason}`);
  const means = lane === 'pull' ? '' : 'has no realtime tasks, and ';
  if (readsKafka === true) return ok('version', `${druid} ${means}reads from us: its Kafka extension is loaded.`);
  if (readsKafka === undefined) {
    const remedy = 'Make sure that "druid-kafka-indexing-service" is in druid.extensions.loadList.';
    return warning('version', `${druid} ${means}does not tell whether its Kafka extension is loaded.`, remedy);
  }
  return failure(
    'version',
    `${druid} cannot read from us: its Kafka extension is not loaded.`,
    'Add "druid-kafka-indexing-service" to druid.extensions.loadList of the overlords and of all that run tasks, and start them again.',
  );
}

function judgeAppend(druid: string, version: string | undefined): Finding {
  if ((majorOf(version) ?? oldestWithAppends) >= oldestWithAppends) return ok('version', `${druid} appends batches.`);
  const remedy = `Set tranquility.lane to realtime, or use Druid ${oldestWithAppends} or later.`;
  return failure('version', `${druid} is too old for the lane append.`, remedy);
}
