using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Registry;

public sealed class OllamaRegistryTests
{
    private const string Manifest = "v2/library/llama3.2/manifests/1b";
    private const string Schema2 = "application/vnd.docker.distribution.manifest.v2+json";

    private readonly OllamaModel _model = OllamaModels.Llama32(0.0001);

    private string Weights => $"v2/library/llama3.2/blobs/sha256:{_model.Layers[0].File.Sha256}";

    [Fact]
    public async Task Manifest_ByTagAndByDigest_IsTheSameBytes()
    {
        await using var test = await StartAsync();

        var byTag = await test.SendAsync(Manifest, accept: Schema2);
        var byDigest = await test.SendAsync($"v2/library/llama3.2/manifests/{_model.Digest}");
        var head = await test.SendAsync(Manifest, HttpMethod.Head);

        byTag.Status.Should().Be(200);
        byTag["Content-Type"].Should().Be(Schema2);
        byTag["Docker-Content-Digest"].Should().Be(_model.Digest).And.Be("sha256:" + RegistryTestServer.Sha256(byTag.Body));
        byDigest.Body.Should().Equal(byTag.Body);
        (head.Status, head["Content-Length"], head.Body.Length).Should().Be((200, $"{byTag.Body.Length}", 0));
        byTag.Text.Should().StartWith(
            """{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{"mediaType":"application/vnd.docker.container.image.v1+json","digest":"sha256:""");
        (await test.SendAsync(Manifest, accept: "application/vnd.oci.image.manifest.v1+json")).Status.Should().Be(404);
    }

    [Fact]
    public async Task Blobs_AllOfTheManifest_HaveTheirDigestAndSizeBehindARedirect()
    {
        await using var test = await StartAsync();
        var manifest = (await test.SendAsync(Manifest)).Json;

        foreach (var layer in manifest["layers"]!.AsArray().Append(manifest["config"]))
        {
            var digest = layer!["digest"]!.GetValue<string>();
            var address = $"v2/library/llama3.2/blobs/{digest}";
            var head = await test.SendAsync(address, HttpMethod.Head);
            var get = await test.SendAsync(address);
            var content = await test.SendAsync(get["Location"]!);

            head.Status.Should().Be(200);
            head["Content-Length"].Should().Be($"{content.Body.Length}").And.Be(layer["size"]!.ToJsonString());
            (get.Status, get["Docker-Content-Digest"]).Should().Be((307, digest));
            content.Status.Should().Be(200);
            digest.Should().Be("sha256:" + RegistryTestServer.Sha256(content.Body));
        }
    }

    [Fact]
    public async Task Blob_Ranges_AreParts()
    {
        await using var test = await StartAsync();
        var whole = await test.FollowAsync(Weights);
        var size = whole.Body.Length;

        var middle = await test.FollowAsync(Weights, "bytes=1000-70000");
        var tail = await test.FollowAsync(Weights, "bytes=-5");
        var open = await test.FollowAsync(Weights, $"bytes={size - 3}-");
        var behind = await test.FollowAsync(Weights, $"bytes={size}-");

        (middle.Status, middle["Content-Range"]).Should().Be((206, $"bytes 1000-70000/{size}"));
        middle.Body.Should().Equal(whole.Body[1000..70001]);
        tail.Body.Should().Equal(whole.Body[^5..]);
        open.Body.Should().Equal(whole.Body[^3..]);
        (behind.Status, behind["Content-Range"]).Should().Be((416, $"bytes */{size}"));
        test.Server.GetRequests().Should().ContainSingle(record => record.Status == 206 && record.BytesSent == 69_001)
            .Which.Request.Should().Match<ModelRegistryRequest>(r => r.Operation == "cdn" && r.File == "model" && r.Range == "bytes=1000-70000");
    }

    [Fact]
    public async Task Tag_MovedToAnotherModel_LeavesTheOldOneUnderItsDigest()
    {
        await using var test = await StartAsync();
        var newer = OllamaModels.Llama32(0.0001, seed: 2);
        test.Server.AddOllamaModel("library/llama3.2", "1b", newer);

        (await test.SendAsync(Manifest))["Docker-Content-Digest"].Should().Be(newer.Digest).And.NotBe(_model.Digest);
        (await test.SendAsync($"v2/library/llama3.2/manifests/{_model.Digest}")).Status.Should().Be(200);
        (await test.FollowAsync(Weights)).Status.Should().Be(200);

        test.Server.AddOllamaModel("library/llama3.2", "1b", _model);
        (await test.SendAsync(Manifest))["Docker-Content-Digest"].Should().Be(_model.Digest);
    }

    [Theory]
    [InlineData("v2/", "404 page not found")]
    [InlineData("v2/library/llama3.2/tags/list", "404 page not found")]
    [InlineData("v2/library/llama3.2/manifests/other", "MANIFEST_UNKNOWN")]
    [InlineData("v2/library/other/manifests/1b", "NAME_UNKNOWN")]
    [InlineData("v2/library/llama3.2/blobs/sha256:0000", "BLOB_UNKNOWN")]
    public async Task Get_WhatIsNotThere_Is404(string address, string text)
    {
        await using var test = await StartAsync();

        var answer = await test.SendAsync(address);

        answer.Status.Should().Be(404);
        answer.Text.Should().Contain(text);
    }

    [Fact]
    public async Task SignedAddress_ExpiredOrForgedOrHead_IsRefused()
    {
        await using var test = await StartAsync(new() { SignatureLifetime = TimeSpan.FromMinutes(20) });
        var address = (await test.SendAsync(Weights))["Location"]!;
        address.Should().Contain("/cdn/").And.Contain("X-Amz-Expires=1200").And.Contain("X-Amz-Signature=");

        (await test.SendAsync(address)).Status.Should().Be(200);
        (await test.SendAsync(address, HttpMethod.Head)).Status.Should().Be(403);
        (await test.SendAsync(address.Replace("X-Amz-Expires=1200", "X-Amz-Expires=9999", StringComparison.Ordinal))).Status.Should().Be(403);
        (await test.SendAsync(address[..address.IndexOf('?', StringComparison.Ordinal)])).Status.Should().Be(403);

        test.Time.Advance(TimeSpan.FromMinutes(20));
        (await test.SendAsync(address)).Should().Match<RegistryAnswer>(a => a.Status == 403 && a.Text.Contains("expired"));
        (await test.FollowAsync(Weights)).Status.Should().Be(200);
    }

    [Fact]
    public async Task ExpireSignatures_AddressGivenOutBefore_IsRefused()
    {
        await using var test = await StartAsync();
        var address = (await test.SendAsync(Weights))["Location"]!;

        test.Server.ExpireSignatures();

        (await test.SendAsync(address)).Status.Should().Be(403);
        (await test.FollowAsync(Weights)).Status.Should().Be(200);
    }

    [Fact]
    public async Task SecondPort_WithAuthorization_IsRefused()
    {
        await using var test = await StartAsync(new() { Delivery = ContentDelivery.RedirectToSecondPort });
        var address = (await test.SendAsync(Weights, token: "secret"))["Location"]!;

        new Uri(address).Port.Should().Be(test.Server.ContentEndpoint!.Port).And.NotBe(test.Server.Endpoint.Port);
        (await test.SendAsync(address)).Status.Should().Be(200);
        (await test.SendAsync(address, token: "secret")).Status.Should().Be(400);
        (await test.SendAsync(new Uri(test.Server.Endpoint, new Uri(address).PathAndQuery).ToString())).Status.Should().Be(404);
        (await test.SendAsync(new Uri(test.Server.ContentEndpoint, Manifest).ToString())).Status.Should().Be(404);
        test.Server.GetRequests(clear: true).Select(record => record.Request.HasAuthorization).Should().Equal(true, false, true, false, false);
        test.Server.GetRequests().Should().BeEmpty();
    }

    [Fact]
    public async Task Direct_Blob_IsTheAnswerItself()
    {
        await using var test = await StartAsync(new() { Delivery = ContentDelivery.Direct });

        var whole = await test.SendAsync(Weights);
        var part = await test.SendAsync(Weights, range: "bytes=0-9");

        whole.Status.Should().Be(200);
        whole["Docker-Content-Digest"].Should().Be("sha256:" + RegistryTestServer.Sha256(whole.Body));
        (part.Status, part.Body.Length).Should().Be((206, 10));
    }

    private async Task<RegistryTestServer> StartAsync(ModelRegistryServerOptions? options = null)
    {
        var test = await RegistryTestServer.StartAsync(options);
        test.Server.AddOllamaModel("library/llama3.2", "1b", _model);
        return test;
    }
}
