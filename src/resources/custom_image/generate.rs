//! Plausible images by the thousand: the same ones for the same seed, on every machine.
//!
//! Only integer arithmetic decides, and every choice comes from one stream, so a seed means the
//! same bytes everywhere.

use oorandom::Rand64;

use crate::base::Timestamp;
use crate::resources::{Image, OsType, RegionId, Regions, Status, Tag};

/// 2026-01-01T00:00:00Z: generated images are older than this.
const NEWEST_UNIX_S: i64 = 1_767_225_600;

/// How far back generated images go, in seconds: three years.
const AGE_S_MAX: u64 = 3 * 365 * 24 * 60 * 60;

/// Regions and the three characters that the ids of their resources begin with, most used first.
///
/// Source: the id shapes of the vendor's documented examples; the prefixes of the last four are our
/// reading.
const REGIONS: [(&str, &str); 8] = [
    ("cn-hangzhou", "bp1"),
    ("cn-beijing", "2ze"),
    ("cn-shanghai", "uf6"),
    ("cn-shenzhen", "wz9"),
    ("ap-southeast-1", "t4n"),
    ("cn-hongkong", "j6c"),
    ("us-west-1", "rj9"),
    ("eu-central-1", "gw8"),
];

const APPS: [(&str, &str); 8] = [
    ("shop", "商城"),
    ("blog", "博客"),
    ("crm", "客户管理"),
    ("billing", "计费"),
    ("search", "搜索"),
    ("auth", "登录"),
    ("report", "报表"),
    ("chat", "客服"),
];

const ROLES: [&str; 5] = ["web", "api", "worker", "db", "cache"];

const TEAMS: [&str; 6] = ["platform", "payments", "growth", "运维", "data", "security"];

const SOURCES: [(&str, &str, OsType); 7] = [
    ("CentOS", "7.9", OsType::Linux),
    ("Ubuntu", "22.04", OsType::Linux),
    ("Debian", "12.4", OsType::Linux),
    ("WordPress", "6.4.2", OsType::Linux),
    ("LAMP", "8.2", OsType::Linux),
    ("Node.js", "20.11", OsType::Linux),
    ("Windows Server", "2022", OsType::Windows),
];

/// Generates images; without `regions`, in eight of the vendor's, the first of them the most used.
pub fn generate_images(
    count: u64,
    rng_seed: u64,
    regions: &[RegionId],
) -> impl Iterator<Item = Image> + use<> {
    let mut regions = regions.to_vec();
    if regions.is_empty() {
        let known = Regions::default();
        regions.extend(REGIONS.iter().filter_map(|(id, _)| known.parse(id).ok()));
    }
    let mut draw = Draw(Rand64::new(u128::from(rng_seed)));
    let account = Account {
        rng_seed,
        n_servers: (count / 3).max(1),
        user_id: 1_000_000_000_000_000 + draw.below(8_999_999_999_999_999),
        regions,
    };
    (0..count).map(move |idx| account.image(idx, &mut draw))
}

/// A stream of choices.
struct Draw(Rand64);

impl Draw {
    /// A number below `n`, which is not 0.
    fn below(&mut self, n: u64) -> u64 {
        self.0.rand_range(0..n)
    }

    /// True in `n` of a hundred cases.
    fn percent(&mut self, n: u64) -> bool {
        self.below(100) < n
    }

    /// One of a list, the first ones more often: each is drawn about twice as often as the next.
    fn skewed<T: Clone>(&mut self, list: &[T]) -> T {
        let idx = self.0.rand_u64().trailing_ones() as usize;
        list[idx % list.len()].clone()
    }

    /// One of a list, each as often as the others.
    fn one<T: Clone>(&mut self, list: &[T]) -> T {
        let idx = self.below(list.len() as u64);
        list[usize::try_from(idx).unwrap_or(0)].clone()
    }

    /// A text of this many characters of an alphabet.
    fn text(&mut self, alphabet: &[u8], n_chars: usize) -> String {
        let chars = (0..n_chars).map(|_| char::from(self.one(alphabet)));
        chars.collect()
    }

    /// A resource's id: its kind, the three characters of its region, and 17 random ones.
    fn id(&mut self, kind: &str, region_id: &RegionId) -> String {
        let prefix = REGIONS.iter().find(|(id, _)| *id == region_id.as_str());
        let prefix = prefix.map_or("xx0", |(_, prefix)| prefix);
        let random = self.text(b"0123456789abcdefghijklmnopqrstuvwxyz", 17);
        format!("{kind}-{prefix}{random}")
    }
}

/// What the images of one run have in common.
struct Account {
    rng_seed: u64,
    n_servers: u64,
    user_id: u64,
    regions: Vec<RegionId>,
}

/// A server that images were made from; each has about three.
struct Server {
    id: String,
    name: String,
    region_id: RegionId,
    system_snapshot_id: String,
    data_snapshot_id: Option<String>,
    app: (&'static str, &'static str),
    role: &'static str,
    source: (&'static str, &'static str, OsType),
}

impl Account {
    /// The server of a number: the same whenever it is asked for.
    fn server(&self, number: u64) -> Server {
        let state = (u128::from(self.rng_seed) << 64) | u128::from(number) | 1 << 63;
        let mut draw = Draw(Rand64::new(state));
        let region_id = draw.skewed(&self.regions);
        let app = draw.skewed(&APPS);
        let role = draw.one(&ROLES);
        Server {
            id: draw.text(b"0123456789abcdef", 32),
            name: format!("{}-{role}-{number:02}", app.0),
            system_snapshot_id: draw.id("s", &region_id),
            data_snapshot_id: draw.percent(30).then(|| draw.id("s", &region_id)),
            source: draw.one(&SOURCES),
            region_id,
            app,
            role,
        }
    }

    fn image(&self, idx: u64, draw: &mut Draw) -> Image {
        let number = draw.below(self.n_servers);
        let age_s = draw.below(AGE_S_MAX);
        let created_at_unix_s = NEWEST_UNIX_S - i64::try_from(age_s).unwrap_or_default();
        let status = status(idx, draw);
        let server = self.server(number);
        let version = format!("{}.{}.{}", draw.below(5), draw.below(20), draw.below(10));
        let (app, chinese) = server.app;
        let role = server.role;
        let has_data_disk = server.data_snapshot_id.is_some();
        let is_available = status == Status::Available;
        let image_id = draw.id("m", &server.region_id);
        Image {
            creation_time: Timestamp::from_unix_s(created_at_unix_s)
                .unwrap_or_else(|| unreachable!("the last three years are in range")),
            data_snapshot_name: has_data_disk.then(|| format!("{}-data", server.name)),
            system_snapshot_id: Some(server.system_snapshot_id),
            in_share: is_available && draw.percent(10),
            in_share_user: is_available && draw.percent(8),
            instance_id: Some(server.id),
            required_data_disk_size_gib: has_data_disk.then_some(100),
            data_snapshot_id: server.data_snapshot_id,
            region_id: server.region_id,
            system_snapshot_name: Some(format!("{}-system", server.name)),
            description: draw.percent(70).then(|| {
                if draw.percent(30) {
                    format!("{chinese}服务 {version} 发布镜像")
                } else {
                    format!("{app} {role} {version}, taken from {}", server.name)
                }
            }),
            name: format!("{app}-{role}-{version}"),
            image_id,
            status,
            tags: tags(app, idx, draw),
            instance_name: Some(server.name),
            resource_group_id: draw.percent(60).then(|| resource_group(draw)),
            create_instances: created_servers(is_available, draw),
            user_id: i64::try_from(self.user_id).ok(),
            os_type: Some(server.source.2),
            required_system_disk_size_gib: Some(draw.one(&[20, 40, 60, 80])),
            source_image_name: Some(server.source.0.to_owned()),
            source_image_version: Some(server.source.1.to_owned()),
        }
    }
}

/// Every status once at first, then mostly available ones.
fn status(idx: u64, draw: &mut Draw) -> Status {
    let drawn = match draw.below(100) {
        0..=1 => Status::Copying,
        2..=4 => Status::Unavailable,
        5..=7 => Status::CreationFailed,
        8..=9 => Status::Creating,
        _ => Status::Available,
    };
    let idx = usize::try_from(idx).unwrap_or(usize::MAX);
    Status::ALL.get(idx).copied().unwrap_or(drawn)
}

/// Tags with skewed popularity: a few that most images have, and some that a thousandth has.
fn tags(app: &str, idx: u64, draw: &mut Draw) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut add = |key: &str, value: &str| {
        tags.push(Tag {
            key: key.to_owned(),
            value: value.to_owned(),
        });
    };
    if draw.percent(85) {
        add("env", draw.skewed(&["prod", "staging", "dev", "演示"]));
    }
    if draw.percent(60) {
        add("app", app);
    }
    if draw.percent(50) {
        add("team", draw.skewed(&TEAMS));
    }
    if draw.percent(20) {
        add("owner", &format!("user-{:02}", draw.below(40)));
    }
    if draw.percent(5) {
        add("keep", "");
    }
    if idx.is_multiple_of(1_000) {
        add("golden", &format!("{}", idx / 1_000));
    }
    tags
}

fn resource_group(draw: &mut Draw) -> String {
    const GROUPS: [&str; 5] = [
        "rg-aek2bti7cf7yj2i",
        "rg-acfm3kq7tz5wuby",
        "rg-acfmxq4vd2h6n7a",
        "rg-aekzt5o3w8p1c9m",
        "rg-acfn0e6r2s4u8yk",
    ];
    draw.skewed(&GROUPS).to_owned()
}

fn created_servers(is_available: bool, draw: &mut Draw) -> Vec<String> {
    if !is_available || !draw.percent(25) {
        return Vec::new();
    }
    let n_servers = 1 + draw.below(3);
    let ids = (0..n_servers).map(|_| draw.text(b"0123456789abcdef", 32));
    ids.collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::resources::document;

    #[test]
    fn a_seed_gives_the_same_images_and_another_one_others() {
        let texts = |seed| {
            generate_images(50, seed, &[])
                .map(|image| document(&image))
                .collect::<Vec<_>>()
        };
        assert_eq!(texts(42), texts(42));
        assert_ne!(texts(42), texts(43));
    }

    #[test]
    fn images_are_plausible() {
        let all: Vec<Image> = generate_images(3_000, 1, &[]).collect();
        let ids: HashSet<&str> = all.iter().map(|image| image.image_id.as_str()).collect();
        assert_eq!(ids.len(), all.len());
        let count = |test: &dyn Fn(&Image) -> bool| all.iter().filter(|image| test(image)).count();
        for status in Status::ALL {
            assert!(count(&|image| image.status == status) > 0, "{status:?}");
        }
        assert!(count(&|image| image.status == Status::Available) > 2_500);
        let has = |key: &str, value: &str| {
            count(&|image| {
                image
                    .tags
                    .iter()
                    .any(|tag| tag.key == key && tag.value == value)
            })
        };
        assert!(has("env", "prod") > has("env", "staging"));
        assert_eq!(has("golden", "1"), 1);
        let server = all[7].instance_id.clone();
        for image in all.iter().filter(|image| image.instance_id == server) {
            assert_eq!(image.region_id, all[7].region_id);
            assert_eq!(image.system_snapshot_id, all[7].system_snapshot_id);
        }
        assert!(count(&|image| image.instance_id == server) > 1 || all.len() < 10);
    }

    #[test]
    fn images_stay_in_the_regions_asked_for() {
        let shanghai = Regions::default().parse("cn-shanghai").unwrap();
        let mut all = generate_images(100, 1, std::slice::from_ref(&shanghai));
        assert!(
            all.all(|image| image.region_id == shanghai && image.image_id.starts_with("m-uf6"))
        );
    }
}
