namespace Tabular.ModelCache.EndToEnd.Tests.Deployed;

/// <summary>Tests of the published app share it: to publish takes as long as all of them.</summary>
[CollectionDefinition(Name)]
public sealed class SharedPublish : ICollectionFixture<PublishedApp>
{
    public const string Name = "Published";
}
