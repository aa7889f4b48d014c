//! The frozen graph: levels, links, and what hnsw_rs makes of odd input.

use super::*;
use crate::layout::links;
use crate::{Metric, random};

fn codes(metric: Metric, vectors: impl Iterator<Item = Vec<f32>>, dimension: usize) -> Codes {
    let codes = Codes::new(metric, dimension, Vec::new(), 0).unwrap();
    for vector in vectors {
        codes.push(&codes.encode(&vector)).unwrap();
    }
    codes
}

#[test]
fn links_stay_in_their_layers_and_lead_to_near_nodes() {
    for (seed, metric) in (1..).zip(Metric::ALL) {
        let mut state = seed * 77;
        let codes = codes(
            metric,
            (0..2_000).map(|_| (0..12).map(|_| random::gaussian(&mut state) as f32).collect()),
            12,
        );
        let layout = Layout::new(8, 2_000).unwrap();
        // Not all nodes, and not in order.
        let nodes: Vec<u32> = (0..2_000).rev().filter(|node| node % 4 != 1).collect();
        seed_and_check(&codes, &layout, &nodes);
        assert!(layout.entry().unwrap().1 >= 1, "{metric}");
        assert_eq!(links(layout.row(0, 1).unwrap()).count(), 0);
    }
}

fn seed_and_check(codes: &Codes, layout: &Layout, nodes: &[u32]) {
    seed(codes, layout, nodes, 60, 2).unwrap();
    let (entry, top) = layout.entry().unwrap();
    assert_eq!(layout.level(entry), top);
    for node in nodes {
        for layer in 0..=layout.level(*node) {
            let links: Vec<u32> = links(layout.row(layer, *node).unwrap()).collect();
            assert!(layer > 0 || nodes.len() < 2 || !links.is_empty(), "node {node} has no links");
            assert!(
                links.iter().all(|link| link != node && nodes.contains(link) && layout.level(*link) >= layer)
            );
        }
    }
}

#[test]
fn few_and_equal_and_extreme_nodes_are_fine() {
    for metric in Metric::ALL {
        for count in [1, 2, 3, 40] {
            for numbers in [[0.0, 0.0], [1.0, 1.0], [f32::MAX, -f32::MAX], [1e-45, 1e38]] {
                let vectors = (0..count).map(|number| vec![numbers[number % 2], numbers[0]]);
                let codes = codes(metric, vectors, 2);
                let layout = Layout::new(4, count).unwrap();
                seed_and_check(&codes, &layout, &(0..count as u32).collect::<Vec<_>>());
            }
        }
    }
    let (codes, layout) = (codes(Metric::Cosine, std::iter::empty(), 2), Layout::new(4, 0).unwrap());
    seed(&codes, &layout, &[], 60, 2).unwrap();
    assert_eq!(layout.entry(), None);
}
