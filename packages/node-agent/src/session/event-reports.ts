import type { Pod } from '@berth/api';
import type { EventSink, PodEvent } from '../pod/pod-ports.ts';
import type { ReportQueue } from './report-queue.ts';

/** Sends what happens to pods to the servers, which keep it as events. */
export class EventReports implements EventSink {
  readonly #reports: ReportQueue;

  constructor(reports: ReportQueue) {
    this.#reports = reports;
  }

  tell(pod: Pod, { type, container, role, reason, message }: PodEvent): void {
    const { namespace = '', name = '', uid = '' } = pod.metadata;
    const list = role === 'init' ? 'initContainers' : 'containers';
    const fieldPath = container === '' ? '' : `spec.${list}{${container}}`;
    this.#reports.event({ namespace, podName: name, podUid: uid, fieldPath, type, reason, message });
  }
}
