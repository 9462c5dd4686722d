//! Least total length under separations: the network simplex of Gansner, Koutsofios, North and Vo ("A technique for drawing
//! directed graphs", IEEE TSE 1993), here for coordinates, in whole pixels.
//!
//! Knows nothing of diagrams: variables are numbers, links say how far apart two of them must at least be, and what each
//! pixel between them costs.

/// `x[to] - x[from] >= apart`, at `weight` for each pixel of the difference.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    pub from: usize,
    pub to: usize,
    pub apart: i64,
    pub weight: i64,
}

/// Most exchanges of tree links; beyond it the best found so far is kept. Reached only by diagrams of thousands of parts.
const EXCHANGES: usize = 6_000;

/// Positions of `count` variables, the least at 0; `None` where the separations contradict each other.
///
/// Variables that no link joins to the rest are joined to the first one, free of cost. Each exchange costs a pass over all
/// variables and links.
pub fn solve(count: usize, links: &[Link]) -> Option<Vec<i64>> {
    if count == 0 {
        return Some(Vec::new());
    }
    let mut links = links.to_vec();
    join_parts(count, &mut links);
    let x = longest_paths(count, &links)?;
    let mut simplex = Simplex { links, x, tree: Vec::new() };
    simplex.tight_tree();
    for _ in 0..EXCHANGES {
        if !simplex.exchange() {
            break;
        }
    }
    let least = simplex.x.iter().copied().min().unwrap_or(0);
    Some(simplex.x.iter().map(|x| x - least).collect())
}

fn join_parts(count: usize, links: &mut Vec<Link>) {
    let mut part: Vec<usize> = (0..count).collect();
    fn find(part: &mut [usize], mut v: usize) -> usize {
        while part[v] != v {
            part[v] = part[part[v]];
            v = part[v];
        }
        v
    }
    for link in links.iter() {
        let (a, b) = (find(&mut part, link.from), find(&mut part, link.to));
        part[a.max(b)] = a.min(b);
    }
    for v in 1..count {
        let root = find(&mut part, v);
        if root != 0 {
            part[root] = 0;
            links.push(Link { from: 0, to: v, apart: 0, weight: 0 });
        }
    }
}

fn longest_paths(count: usize, links: &[Link]) -> Option<Vec<i64>> {
    let mut incoming = vec![0usize; count];
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (i, link) in links.iter().enumerate() {
        incoming[link.to] += 1;
        out[link.from].push(i);
    }
    let mut ready: Vec<usize> = (0..count).filter(|&v| incoming[v] == 0).collect();
    let mut x = vec![0i64; count];
    let mut done = 0;
    while let Some(v) = ready.pop() {
        done += 1;
        for &i in &out[v] {
            let link = links[i];
            x[link.to] = x[link.to].max(x[v] + link.apart);
            incoming[link.to] -= 1;
            if incoming[link.to] == 0 {
                ready.push(link.to);
            }
        }
    }
    (done == count).then_some(x)
}

struct Simplex {
    links: Vec<Link>,
    x: Vec<i64>,
    /// By variable: the tree links at it.
    tree: Vec<Vec<usize>>,
}

impl Simplex {
    fn slack(&self, link: usize) -> i64 {
        let link = self.links[link];
        self.x[link.to] - self.x[link.from] - link.apart
    }

    /// Grows a spanning tree of links without slack, moving the tree towards its nearest neighbour whenever it is stuck.
    fn tight_tree(&mut self) {
        let count = self.x.len();
        self.tree = vec![Vec::new(); count];
        let mut at: Vec<Vec<usize>> = vec![Vec::new(); count];
        for (i, link) in self.links.iter().enumerate() {
            at[link.from].push(i);
            at[link.to].push(i);
        }
        let mut reached = vec![false; count];
        reached[0] = true;
        let mut members = vec![0];
        let mut next = 0;
        loop {
            while next < members.len() {
                let v = members[next];
                next += 1;
                for &i in &at[v] {
                    let other = self.links[i].from + self.links[i].to - v;
                    if !reached[other] && self.slack(i) == 0 {
                        reached[other] = true;
                        members.push(other);
                        self.tree[v].push(i);
                        self.tree[other].push(i);
                    }
                }
            }
            let nearest = (0..self.links.len())
                .filter(|&i| reached[self.links[i].from] != reached[self.links[i].to])
                .min_by_key(|&i| self.slack(i));
            let Some(nearest) = nearest else { break };
            let slack = self.slack(nearest);
            let shift = if reached[self.links[nearest].from] { slack } else { -slack };
            for &v in &members {
                self.x[v] += shift;
            }
            next = 0;
        }
    }

    /// One exchange: a tree link whose cut has a negative cost leaves, the tightest link across the cut enters.
    fn exchange(&mut self) -> bool {
        let count = self.x.len();
        let mut order = Vec::with_capacity(count);
        let mut above: Vec<Option<usize>> = vec![None; count];
        let mut seen = vec![false; count];
        seen[0] = true;
        order.push(0);
        let mut next = 0;
        while next < order.len() {
            let v = order[next];
            next += 1;
            for &i in &self.tree[v] {
                let other = self.links[i].from + self.links[i].to - v;
                if !seen[other] {
                    seen[other] = true;
                    above[other] = Some(i);
                    order.push(other);
                }
            }
        }
        // Weight leaving minus weight entering, summed over the part of the tree below each variable.
        let mut balance = vec![0i64; count];
        for link in &self.links {
            balance[link.from] += link.weight;
            balance[link.to] -= link.weight;
        }
        let mut worst: Option<(i64, usize, usize)> = None;
        for &v in order.iter().rev() {
            let Some(i) = above[v] else { continue };
            let link = self.links[i];
            let cut = if link.from == v { balance[v] } else { -balance[v] };
            if cut < 0 && worst.is_none_or(|(least, _, _)| cut < least) {
                worst = Some((cut, i, v));
            }
            let parent = link.from + link.to - v;
            balance[parent] += balance[v];
        }
        let Some((_, leaving, below)) = worst else { return false };
        let mut inside = vec![false; count];
        inside[below] = true;
        for &v in &order {
            if let Some(i) = above[v] {
                let parent = self.links[i].from + self.links[i].to - v;
                if inside[parent] && v != below {
                    inside[v] = true;
                }
            }
        }
        let tail_side = self.links[leaving].from == below;
        let entering = (0..self.links.len())
            .filter(|&i| {
                let link = self.links[i];
                (inside[link.from] != tail_side) && (inside[link.to] == tail_side)
            })
            .min_by_key(|&i| (self.slack(i), i));
        let Some(entering) = entering else { return false };
        let slack = self.slack(entering);
        for (x, &is_inside) in self.x.iter_mut().zip(&inside) {
            if is_inside == tail_side {
                *x -= slack;
            }
        }
        for end in [self.links[leaving].from, self.links[leaving].to] {
            self.tree[end].retain(|&i| i != leaving);
        }
        for end in [self.links[entering].from, self.links[entering].to] {
            self.tree[end].push(entering);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn link(from: usize, to: usize, apart: i64, weight: i64) -> Link {
        Link { from, to, apart, weight }
    }

    #[test]
    fn a_contradiction_has_no_answer() {
        assert!(solve(2, &[link(0, 1, 1, 1), link(1, 0, 1, 1)]).is_none());
    }

    #[test]
    fn the_heavier_pull_wins() {
        // 2 is at least 50 right of 0; 1 lies between and is pulled to 0 three times as hard as to 2.
        let x = solve(3, &[link(0, 1, 10, 3), link(1, 2, 10, 1), link(0, 2, 50, 0)]).unwrap();
        assert_eq!(x, [0, 10, 50]);
        let x = solve(3, &[link(0, 1, 10, 1), link(1, 2, 10, 3), link(0, 2, 50, 0)]).unwrap();
        assert_eq!(x, [0, 40, 50]);
    }

    #[test]
    fn parts_that_nothing_joins_are_still_placed() {
        let x = solve(4, &[link(0, 1, 5, 1), link(2, 3, 7, 1)]).unwrap();
        assert_eq!((x[1] - x[0], x[3] - x[2]), (5, 7));
    }
}
