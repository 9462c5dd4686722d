"""The cases of `main.rs` in SimPy: the model that its documentation shows for a queue, with patience where the case has it.

Arguments: stations, servers, arrivals per mean service, patience (0 for none), jobs, seed. Prints the CPU time in ns, jobs
served, jobs failed, and the sum of the times of those served.
"""

import random
import sys
import time

import simpy

stations, servers, jobs, seed = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[5]), int(sys.argv[6])
rate, patience = float(sys.argv[3]), float(sys.argv[4])
chance = random.Random(seed)
env = simpy.Environment()
rooms = [simpy.Resource(env, capacity=servers) for _ in range(stations)]
served, failed, total = 0, 0, 0.0


def job():
    global served, failed, total
    born = env.now
    for room in rooms:
        for attempt in range(2):
            with room.request() as place:
                if patience:
                    told = yield place | env.timeout(patience)
                    if place not in told:
                        continue
                else:
                    yield place
                yield env.timeout(chance.expovariate(1.0))
                break
        else:
            failed += 1
            return
    served += 1
    total += env.now - born


def load():
    for _ in range(jobs):
        yield env.timeout(chance.expovariate(rate))
        env.process(job())


begin = time.process_time_ns()
env.process(load())
env.run()
print(time.process_time_ns() - begin, served, failed, total)
