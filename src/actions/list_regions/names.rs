//! The names of the vendor's regions.

/// The language of the names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// `zh-CN`.
    Chinese,
    /// `en-US`.
    English,
}

/// A region of the vendor and its names.
#[derive(Debug)]
pub(super) struct RegionName {
    pub(super) id: &'static str,
    chinese: &'static str,
    english: &'static str,
}

impl RegionName {
    /// The name in a language.
    pub(super) fn name(&self, language: Language) -> &'static str {
        match language {
            Language::Chinese => self.chinese,
            Language::English => self.english,
        }
    }
}

const fn region(id: &'static str, chinese: &'static str, english: &'static str) -> RegionName {
    RegionName {
        id,
        chinese,
        english,
    }
}

/// Every region, those of the documented example in its order, and the others beside their
/// neighbours.
///
/// Source: order, `ListRegions` reference, the documented XML example; form of the names, its JSON
/// example (`华东1（杭州）`); the names themselves, the vendor's public list of regions.
#[rustfmt::skip]
pub(super) static NAMES: [RegionName; 29] = [
    region("cn-qingdao", "华北1（青岛）", "China (Qingdao)"),
    region("cn-beijing", "华北2（北京）", "China (Beijing)"),
    region("cn-zhangjiakou", "华北3（张家口）", "China (Zhangjiakou)"),
    region("cn-huhehaote", "华北5（呼和浩特）", "China (Hohhot)"),
    region("cn-wulanchabu", "华北6（乌兰察布）", "China (Ulanqab)"),
    region("cn-hangzhou", "华东1（杭州）", "China (Hangzhou)"),
    region("cn-shanghai", "华东2（上海）", "China (Shanghai)"),
    region("cn-nanjing", "华东5（南京-本地地域）", "China (Nanjing - Local Region)"),
    region("cn-fuzhou", "华东6（福州-本地地域）", "China (Fuzhou - Local Region)"),
    region("cn-wuhan-lr", "华中1（武汉-本地地域）", "China (Wuhan - Local Region)"),
    region("cn-shenzhen", "华南1（深圳）", "China (Shenzhen)"),
    region("cn-heyuan", "华南2（河源）", "China (Heyuan)"),
    region("cn-guangzhou", "华南3（广州）", "China (Guangzhou)"),
    region("cn-chengdu", "西南1（成都）", "China (Chengdu)"),
    region("cn-hongkong", "中国香港", "China (Hong Kong)"),
    region("ap-southeast-1", "新加坡", "Singapore"),
    region("ap-southeast-2", "澳大利亚（悉尼）", "Australia (Sydney)"),
    region("ap-southeast-3", "马来西亚（吉隆坡）", "Malaysia (Kuala Lumpur)"),
    region("ap-southeast-5", "印度尼西亚（雅加达）", "Indonesia (Jakarta)"),
    region("ap-southeast-6", "菲律宾（马尼拉）", "Philippines (Manila)"),
    region("ap-southeast-7", "泰国（曼谷）", "Thailand (Bangkok)"),
    region("ap-northeast-1", "日本（东京）", "Japan (Tokyo)"),
    region("ap-northeast-2", "韩国（首尔）", "South Korea (Seoul)"),
    region("ap-south-1", "印度（孟买）", "India (Mumbai)"),
    region("us-east-1", "美国（弗吉尼亚）", "US (Virginia)"),
    region("us-west-1", "美国（硅谷）", "US (Silicon Valley)"),
    region("eu-west-1", "英国（伦敦）", "UK (London)"),
    region("eu-central-1", "德国（法兰克福）", "Germany (Frankfurt)"),
    region("me-central-1", "沙特（利雅得）", "SAU (Riyadh)"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::resources::Regions;

    #[test]
    fn every_known_region_has_a_name_and_nothing_else_has() {
        let named: BTreeSet<&str> = NAMES.iter().map(|region| region.id).collect();
        assert_eq!(named.len(), NAMES.len());
        let known = Regions::default();
        assert_eq!(named, known.iter().collect());
    }
}
